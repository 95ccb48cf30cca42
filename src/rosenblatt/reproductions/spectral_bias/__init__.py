"""The spectral bias of networks: which frequencies of a function they learn first."""
