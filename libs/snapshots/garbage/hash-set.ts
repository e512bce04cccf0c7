import { type Sha256 } from '#libs/storage/layout.js';

/** As many as a number holds exactly. */
const HEX_DIGITS = 13;

/**
 * Millions of hashes in 16 bytes each. Only their first 52 bits are looked at, so that it may, once in a blue moon, claim
 * to have one that it does not have; never the other way round.
 */
export class HashSet {
  private slots = new Float64Array(1 << 12).fill(-1);
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(hash: Sha256): void {
    if (this.put(this.slots, Number.parseInt(hash.slice(0, HEX_DIGITS), 16))) this.count += 1;
    if (this.count > this.slots.length / 2) this.grow();
  }

  mayHave(hash: Sha256): boolean {
    const key = Number.parseInt(hash.slice(0, HEX_DIGITS), 16);
    return this.slots[this.slotOf(this.slots, key)] === key;
  }

  private put(slots: Float64Array, key: number): boolean {
    const slot = this.slotOf(slots, key);
    if (slots[slot] === key) return false;
    slots[slot] = key;
    return true;
  }

  /** Where the key is, or else where it would go. Hashes are spread evenly as they are. */
  private slotOf(slots: Float64Array, key: number): number {
    let slot = key % slots.length;
    while (slots[slot] !== -1 && slots[slot] !== key) slot = (slot + 1) % slots.length;
    return slot;
  }

  private grow(): void {
    const larger = new Float64Array(this.slots.length * 2).fill(-1);
    for (const key of this.slots) if (key !== -1) this.put(larger, key);
    this.slots = larger;
  }
}
