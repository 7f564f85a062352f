/**
 * BYTES as text of the same length, one character a byte (Latin-1), and back: what GoogleSQL does with text DuckDB then does
 * with bytes, too.
 */
export const latin = (bytes: string): string =>
  `array_to_string(list_transform(regexp_extract_all(hex(${bytes}), '..'), lambda lib_byte: chr(('0x' || lib_byte)::INTEGER)), '')`;

export const bytesOfLatin = (text: string): string =>
  `from_hex(array_to_string(list_transform(regexp_extract_all(${text}, '(?s).'), lambda lib_char: lpad(to_base(unicode(lib_char), 16), 2, '0')), ''))`;

/** The same for a list of texts. */
export const bytesOfLatins = (texts: string): string =>
  `list_transform(${texts}, lambda lib_text: ${bytesOfLatin("lib_text")})`;
