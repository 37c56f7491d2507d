"""One module per framework; see ../README.md."""
