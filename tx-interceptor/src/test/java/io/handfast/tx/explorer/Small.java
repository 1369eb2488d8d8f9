package io.handfast.tx.explorer;

import static io.handfast.tx.core.Branch.Durability.FORCED;
import static io.handfast.tx.core.Branch.Durability.FORCED_COMPLETE;
import static io.handfast.tx.core.Branch.Durability.OVERLAPPED;
import static io.handfast.tx.core.Branch.Durability.OVERLAPPED_COMPLETE;
import static io.handfast.tx.core.Branch.Durability.READ_ONLY;

import io.handfast.tx.core.Protocol;
import io.handfast.tx.explorer.search.Search;
import java.util.List;
import java.util.stream.Stream;

/**
 * A world that is small enough to be seen whole.
 *
 * @param store and protocol, as the table names it
 */
public record Small(String store, Layout layout, Bounds bounds) {
  /** States of one world; more than the largest one has. */
  private static final int MAX_STATES = 12_000_000;

  private static final Bounds EARLY = Bounds.NONE.early(1);

  /** Seen in every build: seconds. */
  public static List<Small> always() {
    return Stream.of(unasked(), asked(), onePhase(), operators()).flatMap(List::stream).toList();
  }

  /** Votes come by themselves. */
  private static List<Small> unasked() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout overlapped = Layout.of(OVERLAPPED, OVERLAPPED_COMPLETE);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout mixed = Layout.of(READ_ONLY, FORCED_COMPLETE, FORCED);
    return List.of(
        on(two, Bounds.CALM),
        on(three, Bounds.CALM),
        on(Layout.of(READ_ONLY, READ_ONLY, OVERLAPPED), Bounds.CALM),
        on(two, EARLY.crashes(2).drops(1).duplicates(1)),
        on(records, EARLY.crashes(1).drops(1).duplicates(1)),
        on(overlapped, EARLY.crashes(1).drops(1).duplicates(1)),
        on(records, EARLY.crashes(1).disk(2)),
        on(two, EARLY.crashes(1).disk(2)),
        on(records, EARLY.crashes(1).service(2).clientGone()),
        on(two.withoutCompletionWait(), EARLY.crashes(1).service(1).clientGone()),
        on(two, EARLY.strangers(1).crashes(1)),
        on(records.withOptional(1), EARLY.crashes(1).service(1).drops(1)),
        on(mixed, EARLY.crashes(1).drops(1)),
        on(three, EARLY.crashes(1)),
        on(three.withOptional(2), EARLY.crashes(1)));
  }

  /** Some vote {@code ask}, and are asked to prepare. */
  private static List<Small> asked() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout mixed = Layout.of(READ_ONLY, FORCED_COMPLETE, FORCED);
    return List.of(
        on(Layout.of(FORCED, FORCED_COMPLETE, OVERLAPPED).asking(0, 1, 2), Bounds.CALM),
        on(two.asking(0, 1), EARLY.crashes(1).drops(1).duplicates(1)),
        on(records.asking(1), EARLY.crashes(1).drops(1).duplicates(1)),
        on(two.asking(1), EARLY.crashes(2)),
        on(records.asking(0, 1), EARLY.crashes(1).disk(1)),
        on(records.asking(0, 1), EARLY.service(2).crashes(1)),
        on(two.asking(1), EARLY.service(1).crashes(1).clientGone()),
        on(records.asking(1).withOptional(1), EARLY.crashes(1).drops(1)),
        on(mixed.asking(1, 2), EARLY.crashes(1)));
  }

  /** The only branch that updates decides; with a second one it is two-phase commit. */
  private static List<Small> onePhase() {
    Layout callee = Layout.of(READ_ONLY, FORCED).onePhase();
    Layout root = Layout.of(FORCED, READ_ONLY).onePhase();
    Layout both = Layout.of(FORCED, FORCED).onePhase();
    return List.of(
        on(callee, Bounds.CALM),
        on(root, Bounds.CALM),
        on(both, Bounds.CALM),
        on(callee, EARLY.crashes(2).drops(1).duplicates(1)),
        on(callee.asking(1), EARLY.crashes(1).drops(1).duplicates(1)),
        on(callee.asking(1), EARLY.crashes(1).service(2).clientGone()),
        on(callee, EARLY.crashes(1).disk(2).drops(1)),
        on(root.asking(0), EARLY.crashes(1).disk(1).service(1).clientGone()),
        on(Layout.of(READ_ONLY, OVERLAPPED).onePhase(), EARLY.crashes(1).disk(1)),
        on(both, EARLY.crashes(1).drops(1)),
        on(both.withOptional(1), EARLY.crashes(1).drops(1)),
        on(Layout.of(READ_ONLY, FORCED, READ_ONLY).onePhase(), EARLY.crashes(1).drops(1)),
        on(Layout.of(READ_ONLY, FORCED, FORCED).onePhase(), EARLY.crashes(1)));
  }

  /** Somebody decides for a branch in doubt, or forgets what stays. */
  private static List<Small> operators() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    return List.of(
        on(two, EARLY.operators(1).crashes(1).drops(1)),
        on(records, EARLY.operators(1).crashes(1).duplicates(1)),
        on(records, EARLY.operators(1).disk(1)),
        on(two, EARLY.operators(2).drops(1)),
        on(Layout.of(READ_ONLY, FORCED, FORCED_COMPLETE), EARLY.operators(1)),
        on(two.asking(0, 1), EARLY.operators(1).drops(1).duplicates(1)));
  }

  /** Where one is looked for that is wrong about operators. */
  public static List<Small> operatorHunts() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    return List.of(
        on(two, EARLY.operators(1)),
        on(two, EARLY.operators(1).disk(1)),
        on(two, EARLY.operators(1).crashes(1)),
        on(two, EARLY.operators(1).crashes(2)),
        on(two.asking(0, 1), Bounds.NONE.early(2).operators(1)),
        on(two, EARLY.operators(1).drops(1).crashes(1)));
  }

  /** Where a wrong machine is looked for, the smallest first: each fault by itself. */
  public static List<Small> hunts() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout mixed = Layout.of(FORCED_COMPLETE, READ_ONLY);
    return List.of(
        on(mixed, Bounds.CALM),
        on(three, Bounds.CALM),
        on(two, EARLY),
        on(records, EARLY.disk(1)),
        on(two, EARLY.disk(1).crashes(1)),
        on(records, EARLY.service(1).clientGone()),
        on(two, EARLY.drops(1).duplicates(1)),
        on(records, EARLY.strangers(1).crashes(1)),
        on(two, EARLY.strangers(1).crashes(1)),
        on(records, EARLY.crashes(1).service(1)),
        on(two, EARLY.crashes(1).service(1)),
        on(records.withOptional(1), EARLY.crashes(1).service(1)),
        on(three.withOptional(2), EARLY.drops(1)),
        on(two, EARLY.crashes(2).drops(1)));
  }

  /** Where one is looked for that is wrong where branches are asked, or left to decide. */
  public static List<Small> askingHunts() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE).asking(0, 1);
    Layout records = Layout.of(FORCED, FORCED).asking(0, 1);
    Layout lone = Layout.of(READ_ONLY, FORCED).onePhase();
    return List.of(
        on(two, Bounds.CALM),
        on(records, Bounds.CALM),
        on(lone, Bounds.CALM),
        on(lone, EARLY),
        on(lone, EARLY.disk(1)),
        on(lone, EARLY.drops(1).crashes(1)),
        on(lone, EARLY.disk(1).crashes(1).drops(1)),
        on(lone.asking(1), EARLY.service(1).crashes(1)),
        on(records.onePhase(), EARLY.drops(1)),
        on(records, EARLY.service(1)),
        on(two, EARLY.crashes(1).duplicates(1)));
  }

  /** More of everything; minutes. */
  public static List<Small> wide() {
    Layout two = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE);
    Layout records = Layout.of(FORCED, FORCED);
    Layout three = Layout.of(FORCED, FORCED, FORCED);
    Layout mixed = Layout.of(READ_ONLY, FORCED_COMPLETE, FORCED);
    Layout complete = Layout.of(FORCED_COMPLETE, FORCED_COMPLETE, FORCED_COMPLETE);
    Layout overlapped = Layout.of(OVERLAPPED_COMPLETE, OVERLAPPED, OVERLAPPED_COMPLETE);
    return List.of(
        on(two, Bounds.NONE.early(2).crashes(2).drops(2).duplicates(2)),
        on(records, Bounds.NONE.early(2).crashes(3).drops(1).duplicates(1)),
        on(three, EARLY.crashes(1).drops(1)),
        on(three, EARLY.crashes(1).duplicates(1)),
        on(three, EARLY.crashes(2)),
        on(three, EARLY.disk(1).crashes(1)),
        on(three.withOptional(2), EARLY.crashes(1).service(1)),
        on(mixed.withOptional(2), EARLY.crashes(1).service(1)),
        on(complete, EARLY.crashes(1).drops(1).duplicates(1)),
        on(overlapped, EARLY.crashes(1).drops(1)));
  }

  private static Small on(Layout layout, Bounds bounds) {
    boolean alone = layout.branch(0).protocol() == Protocol.ONE_PHASE;
    return new Small(alone ? "ONE_PHASE" : "TWO_PHASE on journal", layout, bounds);
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
