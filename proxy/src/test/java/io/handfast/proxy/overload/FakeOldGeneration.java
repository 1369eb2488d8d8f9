package io.handfast.proxy.overload;

/** An old generation of which a test says how full it is. */
final class FakeOldGeneration implements HeapShrinker.OldGeneration {
  static final int MIB = 1 << 20;

  long usedMib;
  long liveMib;
  int collections;

  @Override
  public long used() {
    return usedMib * MIB;
  }

  @Override
  public long live() {
    return liveMib * MIB;
  }

  @Override
  public void collect() {
    collections++;
  }
}
