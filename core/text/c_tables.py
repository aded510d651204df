"""Writes tables of numbers as C, for make_unicode.py and make_characters.py."""


def table(c_type, name, values):
    values = list(values)
    print(f"{c_type} {name}[{len(values)}] = {{")
    line = "   "
    for v in values:
        text = f" {v:#x}," if v > 9 else f" {v},"
        if len(line) + len(text) > 99:
            print(line)
            line = "   "
        line += text
    print(line + "\n};\n")


def gap_bytes(gap):
    """Seven bits a byte, low ones first, the high bit set on all but the last."""
    while gap > 127:
        yield gap & 127 | 128
        gap >>= 7
    yield gap


def ascending(name, values):
    """A bl_ascending: every 32nd value as it is, and the gaps to the ones between."""
    gaps, marks, places = [], [], []
    for i, v in enumerate(values):
        if i % 32 == 0:
            marks.append(v)
            places.append(len(gaps))
        else:
            gaps.extend(gap_bytes(v - values[i - 1]))
    table("static const uint8_t", name + "_gaps", gaps)
    table("static const uint32_t", name + "_marks", marks)
    table("static const uint16_t", name + "_places", places)
    print(f"const bl_ascending {name} = {{{name}_gaps, {name}_marks, {name}_places, {len(values)}}};\n")
