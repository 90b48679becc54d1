/**
 * A text that grows by deltas whose offsets count code points, as Python does and JavaScript, which counts UTF-16 units,
 * does not.
 */
export class GrowingText {
  value = "";
  #points = 0;

  set(value) {
    this.value = value;
    this.#points = pointsOf(value);
  }

  /** The text is now `text[:offset] + chunk`; throws a RangeError when it ends before the offset: something was lost. */
  splice(offset, chunk) {
    if (offset > this.#points) throw new RangeError(`a delta at ${offset}, and only ${this.#points} code points`);
    const kept = offset === this.#points ? this.value : this.value.slice(0, unitsOf(this.value, offset));
    this.value = kept + chunk;
    this.#points = offset + pointsOf(chunk);
  }
}

function pointsOf(text) {
  let points = 0;
  for (const _ of text) points += 1;
  return points;
}

function unitsOf(text, points) {
  let units = 0;
  for (let left = points; left > 0; left -= 1) units += text.codePointAt(units) > 0xffff ? 2 : 1;
  return units;
}
