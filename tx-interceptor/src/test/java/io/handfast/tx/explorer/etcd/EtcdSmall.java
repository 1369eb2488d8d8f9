package io.handfast.tx.explorer.etcd;

import static io.handfast.tx.core.Branch.Durability.FORCED;
import static io.handfast.tx.core.Branch.Durability.FORCED_COMPLETE;
import static io.handfast.tx.core.Branch.Durability.READ_ONLY;
import static io.handfast.tx.explorer.etcd.EtcdBounds.EARLY;

import io.handfast.tx.explorer.Bounds;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Machines;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.search.Search;
import java.util.List;

/** A world on etcd that is small enough to be seen whole. */
public record EtcdSmall(Layout layout, EtcdBounds bounds) {
  /** States of one world; more than the largest one has. */
  private static final int MAX_STATES = 8_000_000;

  private static final Layout COMPLETE = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE).onEtcd();
  private static final Layout RECORDS = Layout.of(FORCED, FORCED).onEtcd();
  private static final Layout THREE = Layout.of(FORCED, FORCED, FORCED).onEtcd();
  private static final Layout MIXED = Layout.of(READ_ONLY, FORCED, FORCED_COMPLETE).onEtcd();

  /** Seen in every build: seconds. */
  public static List<EtcdSmall> always() {
    return List.of(
        new EtcdSmall(COMPLETE, EtcdBounds.CALM),
        new EtcdSmall(RECORDS, EtcdBounds.CALM),
        new EtcdSmall(COMPLETE, EARLY.crashes(1)),
        new EtcdSmall(RECORDS, EARLY.crashes(1)),
        new EtcdSmall(COMPLETE, EARLY.expiries(1)),
        new EtcdSmall(RECORDS, EARLY.expiries(1)),
        new EtcdSmall(COMPLETE, EARLY.doubts(1)),
        new EtcdSmall(RECORDS, EARLY.doubts(1)),
        new EtcdSmall(COMPLETE, EARLY.expiries(1).doubts(1)),
        new EtcdSmall(COMPLETE, EARLY.drops(1).duplicates(1)),
        new EtcdSmall(RECORDS, EARLY.drops(1).duplicates(1)),
        new EtcdSmall(THREE, EtcdBounds.CALM),
        new EtcdSmall(THREE, EARLY.drops(1)),
        new EtcdSmall(THREE, EARLY.doubts(1)),
        new EtcdSmall(MIXED, EARLY.crashes(1)),
        new EtcdSmall(MIXED, EARLY.drops(1)),
        new EtcdSmall(MIXED, EARLY.expiries(1)),
        new EtcdSmall(MIXED, EARLY.doubts(1)));
  }

  /** Where a store is looked for that compares too little, the smallest first. */
  public static List<EtcdSmall> hunts() {
    return List.of(
        new EtcdSmall(RECORDS, EARLY.doubts(1)),
        new EtcdSmall(COMPLETE, EARLY.expiries(1)),
        new EtcdSmall(RECORDS, EARLY.expiries(1)),
        new EtcdSmall(COMPLETE, EARLY.expiries(1).doubts(1)));
  }

  /** More of everything; minutes. */
  public static List<EtcdSmall> wide() {
    return List.of(
        new EtcdSmall(COMPLETE, EARLY.crashes(1).doubts(1)),
        new EtcdSmall(RECORDS, EARLY.expiries(1).doubts(1)),
        new EtcdSmall(COMPLETE, EARLY.drops(1).crashes(1)),
        new EtcdSmall(THREE, EARLY.expiries(1)));
  }

  /** Walks all of it. */
  public Search.Found explore(Machines machines, Conditions conditions) {
    Bounds deadlines = bounds.early() < 0 ? Bounds.CALM : Bounds.NONE;
    Model model = new Model(layout, machines, deadlines);
    return new Search<>(EtcdWorld.begin(model, conditions, bounds), MAX_STATES).run();
  }

  @Override
  public String toString() {
    return "TWO_PHASE on etcd: " + layout + "; " + bounds;
  }
}
