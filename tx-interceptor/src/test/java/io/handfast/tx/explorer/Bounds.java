package io.handfast.tx.explorer;

/**
 * How much may go wrong in one history. Order is not bounded: messages overtake each other, a
 * sidecar that is paused is one to which nothing happens for as long as it takes.
 *
 * @param drops messages that are lost, or answers
 * @param duplicates messages that come twice, or late: given up by their sender and come all the
 *     same
 * @param crashes deaths of a sidecar, each with every prefix of what it was writing kept
 * @param disk forces that fail, durable all the same or not, and writes that are refused
 * @param service Tries that fail, in every way; a completion that has to be tried again
 * @param strangers messages of sidecars that do not decide, or that take another's place, and
 *     answers before the store is read; under THREE_PHASE only the latter
 * @param clientGoes whether the client may go away
 * @param early timers that run out while other things can happen; when nothing else can, each that
 *     runs may run out. Deadlines never pass if it is negative
 * @param operators what operators do: decide for a branch in doubt, or forget what stays
 * @param parts whether, under THREE_PHASE, drops may be of what tells the living from the dead
 * @param forgets whether, under THREE_PHASE, a branch that has ended may forget how; then not all
 *     who come back learn it
 * @param lates whether, under THREE_PHASE, a question to pre-commit may come after its sender is
 *     known to have died
 */
public record Bounds(
    int drops,
    int duplicates,
    int crashes,
    int disk,
    int service,
    int strangers,
    boolean clientGoes,
    int early,
    int operators,
    boolean parts,
    boolean forgets,
    boolean lates) {
  /** Nothing fails, and deadlines may pass all the same. */
  public static final Bounds NONE = new Bounds(0, 0, 0, 0, 0, 0, false, 0, 0, false, false, false);

  /** Nothing fails, and there is time for everything. */
  public static final Bounds CALM = new Bounds(0, 0, 0, 0, 0, 0, false, -1, 0, false, false, false);

  public Bounds drops(int n) {
    return new Bounds(
        n,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds duplicates(int n) {
    return new Bounds(
        drops,
        n,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds crashes(int n) {
    return new Bounds(
        drops,
        duplicates,
        n,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds disk(int n) {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        n,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds service(int n) {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        n,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds strangers(int n) {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        n,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds early(int n) {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        n,
        operators,
        parts,
        forgets,
        lates);
  }

  public Bounds operators(int n) {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        n,
        parts,
        forgets,
        lates);
  }

  public Bounds clientGone() {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        true,
        early,
        operators,
        parts,
        forgets,
        lates);
  }

  /** The network may part: who is cut off is taken for dead. */
  public Bounds parting() {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        true,
        forgets,
        lates);
  }

  /** Who has ended may forget how. */
  public Bounds forgetting() {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        true,
        lates);
  }

  /** Pre-commits come as late as they like. */
  public Bounds withLatePreCommits() {
    return new Bounds(
        drops,
        duplicates,
        crashes,
        disk,
        service,
        strangers,
        clientGoes,
        early,
        operators,
        parts,
        forgets,
        true);
  }

  @Override
  public String toString() {
    String all =
        part(drops, "drop")
            + part(duplicates, "duplicate")
            + part(crashes, "crash")
            + part(disk, "disk failure")
            + part(service, "service failure")
            + part(strangers, "stranger")
            + (clientGoes ? ", client goes" : "")
            + part(early, "early timer")
            + part(operators, "operator's word")
            + (parts ? ", the network may part" : "")
            + (lates ? ", pre-commits come late" : "")
            + (forgets ? ", ends are forgotten" : "")
            + (early < 0 ? ", no deadline passes" : "");
    return all.isEmpty() ? "no fault" : all.substring(2);
  }

  private static String part(int n, String what) {
    return n <= 0 ? "" : ", " + n + " " + what;
  }
}
