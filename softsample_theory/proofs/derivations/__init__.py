"""One file a theorem: reading it from top to bottom is reading the proof."""
