"""What machines are answered, as JSON: one controller a thing; errors as RFC 9457 has them."""
