// The picture of a sound.

/** An outline of columns one unit wide from the middle up (-1) or down (1); `peaks` 0 to 255. */
export function outline(peaks: Uint8Array, middle: number, direction: 1 | -1): string {
  if (peaks.length === 0) return "";
  const room = middle - 1;
  const tall = (peak: number) => middle + direction * Math.max(1, Math.round((peak / 255) * room));
  let path = `M0 ${middle}`;
  peaks.forEach((peak, column) => (path += `L${column} ${tall(peak)}L${column + 1} ${tall(peak)}`));
  return `${path}L${peaks.length} ${middle}Z`;
}
