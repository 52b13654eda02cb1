"""Cases for codecs: `hjp_conformance.codec.cases` has them."""
