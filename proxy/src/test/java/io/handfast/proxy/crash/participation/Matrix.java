package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.CrashPoint;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import io.handfast.proxy.crash.participation.Ask.Stop;
import io.handfast.proxy.crash.participation.Cell.End;
import io.handfast.proxy.crash.participation.Fault.Deed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every way to take part against everything that may happen. Between the bars stands what comes of
 * a transaction of each {@link Column}, {@code -} where there is no such case; {@link End} says
 * what the words mean. Those with a star are played by every build, the others by {@code -Pfull}.
 */
final class Matrix {
  private static final String TABLE =
      """
      #                                                                            |  DATABASES       |  CALLBACKS       |  READER          |  BOTH
        FRONT does OBEY                                                            | *COMMITS         | *COMMITS         | *COMMITS         | *COMMITS
      # By itself, or by another.
        BACK does FAIL                                                             | *ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        BACK does REFUSE                                                           |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        FRONT does FAIL                                                            | *ABORTS          |  ABORTS          |  ABORTS          | *ABORTS
        FRONT does REFUSE                                                          |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
      # Time is over.
        TIME_PASSES at BACK.WRITTEN                                                | *EXPIRES         |  EXPIRES         | *EXPIRES         |  EXPIRES
        TIME_PASSES at BACK.COMMITTED                                              |  EXPIRES         |  EXPIRES         |  EXPIRES         |  EXPIRES
        TIME_PASSES at FRONT.WRITTEN                                               |  EXPIRES         |  EXPIRES         |  EXPIRES         |  EXPIRES
        TIME_PASSES at FRONT.COMMITTED                                             |  EXPIRES         |  EXPIRES         |  EXPIRES         |  EXPIRES
        TIME_PASSES at FRONT.CALLED                                                |  EXPIRES         |  EXPIRES         |  EXPIRES         |  EXPIRES
      # A service dies.
        SERVICE_DIES at BACK.WRITTEN                                               |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SERVICE_DIES at BACK.COMMITTED                                             | *ABORTS          |  ABORTS          |  ABORTS          | *ABORTS
        SERVICE_DIES at FRONT.WRITTEN                                              |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SERVICE_DIES at FRONT.COMMITTED                                            |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SERVICE_DIES at FRONT.CALLED                                               |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SERVICE_DIES at BACK.CONFIRMING                                            |  -               |  COMMITS         |  -               |  COMMITS
        SERVICE_DIES at BACK.CONFIRMED                                             |  -               |  COMMITS         |  -               |  COMMITS
        SERVICE_DIES at FRONT.CONFIRMED                                            |  -               |  COMMITS         |  COMMITS         |  -
        SERVICE_DIES at BACK.CANCELLING, FRONT does FAIL                           |  -               |  ABORTS          |  -               |  ABORTS
        SERVICE_DIES at BACK.CANCELLED, FRONT does FAIL                            |  -               |  ABORTS          |  -               |  ABORTS
      # A sidecar dies while the service works, and between the effect and its record.
        SIDECAR_DIES at BACK.WRITTEN                                               |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SIDECAR_DIES at BACK.COMMITTED                                             | *ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        SIDECAR_DIES at FRONT.WRITTEN                                              |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD
        SIDECAR_DIES at FRONT.COMMITTED                                            |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD
        SIDECAR_DIES at FRONT.CALLED                                               |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD
        SIDECAR_DIES at BACK.CONFIRMED                                             |  -               |  COMMITS         |  -               |  COMMITS
        SIDECAR_DIES at FRONT.CONFIRMED                                            |  -               |  COMMITS_PERHAPS |  COMMITS_PERHAPS |  -
        SIDECAR_DIES at BACK.CANCELLED, FRONT does FAIL                            |  -               |  ABORTS          |  -               |  ABORTS
      # The back's sidecar dies at a force point.
        sidecar of BACK dies at ForcePoints.beforeBegun                            |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterBegun                             |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterServiceAnswered                   |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.beforeBranchRecord, BACK records       |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterBranchRecord, BACK records        |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at BranchStore.confirm, BACK records                  |  -               |  COMMITS         |  -               |  COMMITS
        sidecar of BACK dies at BranchStore.confirm                                |  -               |  COMMITS         |  -               |  COMMITS
        sidecar of BACK dies at BranchStore.writeEnd                               |  -               | *COMMITS         |  -               |  COMMITS
        sidecar of BACK dies at ForcePoints.beforeAcknowledgement                  |  COMMITS         |  COMMITS         |  -               |  COMMITS
        sidecar of BACK dies at ForcePoints.afterAcknowledgement                   |  COMMITS         |  COMMITS         |  -               |  COMMITS
        sidecar of BACK dies at BranchStore.cancel, FRONT does FAIL                |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at BranchStore.writeEnd, FRONT does FAIL              |  -               |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.beforeAcknowledgement, FRONT does FAIL |  ABORTS          |  ABORTS          |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterAcknowledgement, FRONT does FAIL  |  ABORTS          |  ABORTS          |  -               |  ABORTS
      # The back's sidecar dies around what its database forces.
        sidecar of BACK dies at ForcePoints.beforePrepare                          |  ABORTS          |  -               |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterPrepare                           | *ABORTS          |  -               |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterBlockVoted                        |  ABORTS          |  -               |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.beforeCompletion                       | *COMMITS         |  -               |  -               | *COMMITS
        sidecar of BACK dies at ForcePoints.afterCompletion                        | *COMMITS         |  -               |  -               |  COMMITS
        sidecar of BACK dies at ForcePoints.beforeCompletion, FRONT does FAIL      |  ABORTS          |  -               |  -               |  ABORTS
        sidecar of BACK dies at ForcePoints.afterCompletion, FRONT does FAIL       |  ABORTS          |  -               |  -               |  ABORTS
      # The coordinator dies at a force point.
        sidecar of FRONT dies at ForcePoints.beforeBegun                           |  -               |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  -
        sidecar of FRONT dies at ForcePoints.afterBegun                            |  -               |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  -
        sidecar of FRONT dies at ForcePoints.afterServiceAnswered                  |  -               |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  -
        sidecar of FRONT dies at ForcePoints.beforeDecision                        | *ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  ABORTS_UNHEARD
        sidecar of FRONT dies at ForcePoints.afterDecision                         | *COMMITS_UNHEARD |  COMMITS_UNHEARD |  COMMITS_UNHEARD | *COMMITS_UNHEARD
        sidecar of FRONT dies at CoordinatorSender.outcome                         |  COMMITS_UNHEARD |  COMMITS_UNHEARD |  -               |  COMMITS_UNHEARD
        sidecar of FRONT dies at ForcePoints.afterForgotten                        |  COMMITS_PERHAPS |  COMMITS_PERHAPS |  COMMITS_PERHAPS |  COMMITS_PERHAPS
        sidecar of FRONT dies at CoordinatorSender.outcome, FRONT does FAIL        |  ABORTS_UNHEARD  |  ABORTS_UNHEARD  |  -               |  ABORTS_UNHEARD
        sidecar of FRONT dies at ForcePoints.beforePrepare                         |  ABORTS_UNHEARD  |  -               |  -               |  ABORTS_UNHEARD
        sidecar of FRONT dies at ForcePoints.afterPrepare                          |  ABORTS_UNHEARD  |  -               |  -               |  ABORTS_UNHEARD
        sidecar of FRONT dies at ForcePoints.afterBlockVoted                       |  ABORTS_UNHEARD  |  -               |  -               |  ABORTS_UNHEARD
        sidecar of FRONT dies at ForcePoints.beforeCompletion                      | *COMMITS_UNHEARD |  -               |  -               |  COMMITS_UNHEARD
        sidecar of FRONT dies at ForcePoints.afterCompletion                       |  COMMITS_PERHAPS |  -               |  -               |  COMMITS_PERHAPS
        sidecar of FRONT dies at ForcePoints.beforeCompletion, FRONT does FAIL     |  ABORTS_PERHAPS  |  -               |  -               |  ABORTS_PERHAPS
        sidecar of FRONT dies at ForcePoints.afterCompletion, FRONT does FAIL      |  ABORTS_PERHAPS  |  -               |  -               |  ABORTS_PERHAPS
      # The database dies.
        DATABASE_DIES at FRONT.WRITTEN                                             |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        DATABASE_DIES at FRONT.COMMITTED                                           |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        DATABASE_DIES at BACK.WRITTEN                                              |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        DATABASE_DIES at BACK.WRITTEN, BACK does SWALLOW                           | *ABORTS          |  -               |  ABORTS          |  ABORTS
        DATABASE_RESTARTS at BACK.WRITTEN                                          |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        DATABASE_DIES at BACK.COMMITTED                                            |  COMMITS         |  COMMITS         |  COMMITS         |  COMMITS
        DATABASE_RESTARTS at BACK.COMMITTED                                        |  COMMITS         |  COMMITS         |  COMMITS         |  COMMITS
        DATABASE_DIES at FRONT.CALLED                                              | *COMMITS         |  COMMITS         |  COMMITS         |  COMMITS
        DATABASE_RESTARTS at FRONT.CALLED                                          |  COMMITS         |  COMMITS         |  COMMITS         |  COMMITS
        DATABASE_DIES at FRONT.CALLED, FRONT does FAIL                             |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        DATABASE_DIES at BACK.CONFIRMING                                           |  -               |  COMMITS         |  -               |  COMMITS
        DATABASE_DIES at BACK.CONFIRMED                                            |  -               |  COMMITS         |  -               |  COMMITS
        DATABASE_DIES at BACK.CANCELLED, FRONT does FAIL                           |  -               |  ABORTS          |  -               |  ABORTS
        DATABASE_AND_BACK_DIE at FRONT.CALLED                                      | *COMMITS         |  COMMITS         |  COMMITS         | *COMMITS
        DATABASE_AND_BACK_DIE at FRONT.CALLED, FRONT does FAIL                     |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
      # The network.
        BACK does HANG_UP                                                          |  ABORTS          |  ABORTS          |  ABORTS          |  ABORTS
        NETWORK does LOSE                                                          | *ABORTS          |  ABORTS          |  ABORTS          | *ABORTS
        NETWORK does DOUBLE                                                        | *COMMITS         | *COMMITS         |  COMMITS         |  COMMITS
      """;

  /** One column for whoever looks for something: {@code -Dmatrix.column=BOTH}. */
  private static final String COLUMN = System.getProperty("matrix.column", "");

  /** And rows that begin alike: {@code '-Dmatrix.row=SERVICE_DIES at BACK'}. */
  private static final String ROW = System.getProperty("matrix.row", "");

  private static final String ENGINE = "io.handfast.tx.engine.";
  private static final Pattern ALSO = Pattern.compile("(.*), FRONT does (\\w+)");
  private static final Pattern BACK_DOES = Pattern.compile("(.*), BACK does (\\w+)");
  private static final Pattern RECORDS = Pattern.compile("(.*), BACK records");
  private static final Pattern DOES = Pattern.compile("(\\w+) does (\\w+)");
  private static final Pattern AT = Pattern.compile("(\\w+) at (\\w+)\\.(\\w+)");
  private static final Pattern DIES = Pattern.compile("sidecar of (\\w+) dies at (\\w+)\\.(\\w+)");

  private Matrix() {}

  /** What every build plays. */
  static Stream<Cell> core() {
    return cells(true);
  }

  /** What {@code -Pfull} plays beside it. */
  static Stream<Cell> rest() {
    return cells(false);
  }

  private static Stream<Cell> cells(boolean core) {
    List<Cell> cells = new ArrayList<>();
    for (String line : TABLE.lines().filter(Matrix::isWanted).toList()) {
      List<String> row = Arrays.stream(line.split("\\|")).map(String::strip).toList();
      Column[] columns = Column.values();
      for (int i = 0; i < columns.length; i++) {
        Column column = columns[i];
        String end = row.get(i + 1);
        boolean starred = end.startsWith("*");
        if (starred == core && !end.equals("-") && isWanted(column)) {
          String word = starred ? end.substring(1) : end;
          cells.add(new Cell(column, fault(row.getFirst()), End.valueOf(word)));
        }
      }
    }
    return cells.stream();
  }

  private static boolean isWanted(String line) {
    return !line.startsWith("#") && line.strip().startsWith(ROW);
  }

  private static boolean isWanted(Column column) {
    return COLUMN.isEmpty() || COLUMN.equals(column.name());
  }

  private static Fault fault(String text) {
    Matcher also = ALSO.matcher(text);
    return also.matches()
        ? fault(also.group(1), Conduct.valueOf(also.group(2)))
        : fault(text, Conduct.OBEY);
  }

  private static Fault fault(String text, Conduct front) {
    Matcher records = RECORDS.matcher(text);
    Matcher dies = DIES.matcher(records.matches() ? records.group(1) : text);
    if (dies.matches()) {
      CrashPoint point = CrashPoint.entry(ENGINE + dies.group(2), dies.group(3));
      return new Fault.Dies(Place.valueOf(dies.group(1)), point, front, records.matches());
    }
    Matcher back = BACK_DOES.matcher(text);
    Matcher at = AT.matcher(back.matches() ? back.group(1) : text);
    if (at.matches()) {
      return new Fault.At(
          Place.valueOf(at.group(2)),
          Stop.valueOf(at.group(3)),
          Deed.valueOf(at.group(1)),
          front,
          back.matches() ? Conduct.valueOf(back.group(2)) : Conduct.OBEY);
    }
    Matcher does = DOES.matcher(text);
    if (!does.matches()) {
      throw new IllegalArgumentException(text + " (expected: a fault)");
    }
    return does.group(1).equals("NETWORK")
        ? new Fault.Network(Relay.Wire.valueOf(does.group(2)))
        : new Fault.Behaves(Place.valueOf(does.group(1)), Conduct.valueOf(does.group(2)));
  }
}
