a segment of a paid stream
