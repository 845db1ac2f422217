"""Words that depend on what they stand with: a number's noun, and a noun's article."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular for one.

    >>> counted(1, "face"), counted(2500, "face")
    ('1 face', '2,500 faces')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def with_article(noun: str) -> str:
    """Return a noun, such as the name of a type, behind "a" or "an".

    >>> with_article("int64 array"), with_article("uint8 array")
    ('an int64 array', 'a uint8 array')
    """
    # What begins with a u is spoken as in "unit": uint8, ufunc, UserDict.
    return f"{'an' if noun[0].lower() in 'aeio' else 'a'} {noun}"
