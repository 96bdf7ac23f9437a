"""How clients page through a listing."""
