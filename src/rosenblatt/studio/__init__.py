"""The studio: a page on which a network is built, trained, rewound and branched."""
