package io.handfast.tx.explorer;

import static io.handfast.tx.core.Branch.Durability.FORCED;
import static io.handfast.tx.core.Branch.Durability.FORCED_COMPLETE;
import static io.handfast.tx.core.Branch.Durability.OVERLAPPED;
import static io.handfast.tx.core.Branch.Durability.OVERLAPPED_COMPLETE;
import static io.handfast.tx.core.Branch.Durability.READ_ONLY;

import io.handfast.tx.explorer.search.Search;
import java.util.List;

/**
 * A world that is small enough to be seen whole.
 *
 * @param store and protocol, as the table names it
 */
public record Small(String store, Layout layout, Bounds bounds) {
  /** States of one world; more than the largest one has. */
  private static final int MAX_STATES = 12_000_000;

  private static final String JOURNAL = "TWO_PHASE on journal";

  /** Seen in every build: seconds. */
  public static List<Small> always() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout overlapped = Layout.of(OVERLAPPED, OVERLAPPED_COMPLETE);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout mixed = Layout.of(READ_ONLY, FORCED_COMPLETE, FORCED);
    Bounds early = Bounds.NONE.early(1);
    return List.of(
        on(two, Bounds.CALM),
        on(three, Bounds.CALM),
        on(Layout.of(READ_ONLY, READ_ONLY, OVERLAPPED), Bounds.CALM),
        on(two, early.crashes(2).drops(1).duplicates(1)),
        on(records, early.crashes(1).drops(1).duplicates(1)),
        on(overlapped, early.crashes(1).drops(1).duplicates(1)),
        on(records, early.crashes(1).disk(2)),
        on(two, early.crashes(1).disk(2)),
        on(records, early.crashes(1).service(2).clientGone()),
        on(two.withoutCompletionWait(), early.crashes(1).service(1).clientGone()),
        on(two, early.strangers(1).crashes(1)),
        on(records.withOptional(1), early.crashes(1).service(1).drops(1)),
        on(mixed, early.crashes(1).drops(1)),
        on(three, early.crashes(1)),
        on(three.withOptional(2), early.crashes(1)),
        on(mixed.withOptional(2), early.crashes(1).service(1)));
  }

  /** Where a wrong machine is looked for, the smallest first: each fault by itself. */
  public static List<Small> hunts() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout mixed = Layout.of(FORCED_COMPLETE, READ_ONLY);
    Bounds early = Bounds.NONE.early(1);
    return List.of(
        on(mixed, Bounds.CALM),
        on(three, Bounds.CALM),
        on(two, early),
        on(records, early.disk(1)),
        on(two, early.disk(1).crashes(1)),
        on(records, early.service(1).clientGone()),
        on(two, early.drops(1).duplicates(1)),
        on(records, early.strangers(1).crashes(1)),
        on(two, early.strangers(1).crashes(1)),
        on(records, early.crashes(1).service(1)),
        on(two, early.crashes(1).service(1)),
        on(records.withOptional(1), early.crashes(1).service(1)),
        on(three.withOptional(2), early.drops(1)),
        on(two, early.crashes(2).drops(1)));
  }

  /** More of everything; minutes. */
  public static List<Small> wide() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout complete = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE, FORCED_COMPLETE);
    Layout overlapped = Layout.of(OVERLAPPED_COMPLETE, OVERLAPPED, OVERLAPPED_COMPLETE);
    Bounds early = Bounds.NONE.early(1);
    return List.of(
        on(two, Bounds.NONE.early(2).crashes(2).drops(2).duplicates(2)),
        on(records, Bounds.NONE.early(2).crashes(3).drops(1).duplicates(1)),
        on(three, early.crashes(1).drops(1)),
        on(three, early.crashes(1).duplicates(1)),
        on(three, early.crashes(2)),
        on(three, early.disk(1).crashes(1)),
        on(three.withOptional(2), early.crashes(1).service(1)),
        on(complete, early.crashes(1).drops(1).duplicates(1)),
        on(overlapped, early.crashes(1).drops(1)));
  }

  private static Small on(Layout layout, Bounds bounds) {
    return new Small(JOURNAL, layout, bounds);
  }

  /** Walks all of it, with these machines. */
  public Search.Found explore(Machines machines) {
    return new Search<>(JournalWorld.begin(new Model(layout, machines, bounds)), MAX_STATES).run();
  }

  @Override
  public String toString() {
    return store + ": " + layout + "; " + bounds;
  }
}
