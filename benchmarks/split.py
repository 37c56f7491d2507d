"""By what samples are dealt to the sides of a split: runtime/data/Split.h, written once more. Standard library
only."""


def hash_number(text):
    """FNV-1a, MurmurHash3's finalizer, 53 bits: a number in [0, 1)."""
    mask = (1 << 64) - 1
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & mask
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & mask
    value ^= value >> 33
    return (value >> 11) * 2.0**-53
