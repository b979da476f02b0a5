"""Operations: what keeps an installation safe and tidy, apart from its users."""
