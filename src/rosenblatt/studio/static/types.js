/**
 * Types of the messages between page and server.
 *
 * @typedef {{shape: number[], data: Float32Array}} Block
 *
 * @typedef {object} FrameHeader
 * @property {number} frame
 * @property {number} branch
 * @property {number} update
 * @property {number} epoch
 * @property {number} newest
 * @property {boolean} playing
 * @property {string | null} ended
 * @property {{updates: number, epochs: number} | null} rate
 * @property {Record<string, number | null>} metrics
 * @property {{name: string, shape: number[]}[]} blocks
 * @property {string[]} [columns]
 * @property {number} [curves_from]
 * @property {{done: number, columns?: string[]} | null} [many]
 * @property {number} [many_failed]
 *
 * @typedef {{header: FrameHeader, blocks: Map<string, Block>}} Frame
 *
 * @typedef {object} Setting
 * @property {string} key
 * @property {string} group
 * @property {string} label
 * @property {string} type
 * @property {any} default
 * @property {any[]} [choices]
 * @property {number | null} [min]
 * @property {number | null} [max]
 * @property {string} [unit]
 * @property {string} help
 * @property {string} python
 * @property {Record<string, string[]> | null} [only]
 * @property {"new" | "fork"} applies
 *
 * @typedef {object} Schema
 * @property {Setting[]} settings
 * @property {any} generators
 * @property {string[]} bundled
 * @property {any[]} uploads
 * @property {string} version
 *
 * @typedef {{name: string, inputs: number, outputs: number, activation: string | null}} Layer
 *
 * @typedef {object} Branch
 * @property {number} id
 * @property {number | null} parent
 * @property {number} at
 * @property {Record<string, any>} changes
 * @property {string} label
 * @property {number} newest
 * @property {string | null} ended
 *
 * @typedef {object} Plane
 * @property {number[]} axes
 * @property {Record<string, number>} held
 * @property {boolean} principal
 * @property {number[]} x
 * @property {number[]} y
 *
 * @typedef {object} Data
 * @property {string} name
 * @property {string[]} features
 * @property {string[] | null} classes
 * @property {number} n_train
 * @property {number} n_test
 * @property {{x: number[][], places?: number[][], y: number[], test: number[], index: number[]}} points
 * @property {number[][]} bounds
 * @property {number | null} bayes_accuracy
 *
 * @typedef {object} Session
 * @property {Record<string, any>} settings
 * @property {{layers: Layer[], parameters: {name: string, shape: number[]}[]}} network
 * @property {string} loss
 * @property {string} engine
 * @property {Data} data
 * @property {Plane} plane
 * @property {Branch[]} tree
 * @property {number} branch
 * @property {number} update
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {{seeds: number} | null} many
 * @property {number | null} [speed]
 * @property {Record<string, number | null>} [stop_at]
 * @property {any} lesson
 * @property {string[]} locked
 * @property {string[]} hidden
 *
 * @typedef {object} Link
 * @property {(name: string, args?: Record<string, any>) => Promise<any>} send
 * @property {(event: string, handler: (value: any) => void) => void} on
 * @property {(file: File) => Promise<any>} upload
 * @property {() => Promise<boolean>} [isRefused]
 */
export {};
