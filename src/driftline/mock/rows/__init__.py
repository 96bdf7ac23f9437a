"""The rows of listings: store, index, filter, page, create and change them."""
