"""Judge an exchange or a walk over pages. Pure: nothing here sends."""
