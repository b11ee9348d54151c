/** Size in UTF-8 bytes of a text written as JSON, quotes and escapes included; makes no string. */
export function jsonTextBytes(text: string): number {
  let bytes = text.length + 2;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      if (unit < 0x20) bytes += isShortEscape(unit) ? 1 : 5;
      else if (unit === 0x22 || unit === 0x5c) bytes += 1;
    } else if (unit < 0x800) {
      bytes += 1;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes += 2;
    } else if (unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      // A pair is four bytes and counts as two units already.
      bytes += 2;
      index += 1;
    } else {
      // JSON.stringify writes a lone surrogate as a six-character escape.
      bytes += 5;
    }
  }
  return bytes;
}

// \b \t \n \f \r
function isShortEscape(unit: number): boolean {
  return unit >= 8 && unit <= 13 && unit !== 11;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
