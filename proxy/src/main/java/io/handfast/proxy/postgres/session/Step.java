package io.handfast.proxy.postgres.session;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A statement of our own on the service's connection, by the extended protocol and under names of
 * our own, so that the client's unnamed statement and portal stay as they are. Its answers are kept
 * from the client.
 */
final class Step {
  /** What tells the server to answer. */
  enum Ending {
    /** Its own ReadyForQuery. */
    SYNC,
    /** All answers, and it goes on in the client's pipeline. */
    FLUSH,
    /** Something that the client sends next. */
    NONE
  }

  /** How it went. */
  sealed interface Outcome {
    /**
     * It ran.
     *
     * @param row the first row, empty if there was none
     */
    record Done(String tag, List<@Nullable String> row) implements Outcome {}

    /**
     * The server refused it.
     *
     * @param error the whole ErrorResponse
     */
    @SuppressWarnings("ArrayRecordComponent") // made once, and never compared
    record Failed(byte[] error) implements Outcome {
      String sqlState() {
        return Wire.errorField(error, 'C');
      }

      String message() {
        return Wire.errorField(error, 'M');
      }
    }

    /** A statement of the client in the same pipeline failed before. */
    record Skipped() implements Outcome {}
  }

  /** Under which it stands on the server. */
  enum Name {
    /** For this time only. */
    NONE("_hf_"),
    /** It is parsed, and stays. */
    KEPT_FROM_HERE("_hf_kept_"),
    /** It was parsed before. */
    KEPT_BEFORE("_hf_kept_");

    final String text;

    Name(String text) {
      this.text = text;
    }
  }

  final String sql;
  final Name name;
  final Ending ending;

  /** Whether notices that it raises are the client's: triggers at COMMIT say something. */
  final boolean notices;

  private final Consumer<Outcome> then;
  private List<@Nullable String> row = List.of();
  private @Nullable Outcome outcome;
  private boolean told;

  Step(String sql, Ending ending, boolean notices, Consumer<Outcome> then) {
    this(sql, Name.NONE, ending, notices, then);
  }

  Step(String sql, Name name, Ending ending, boolean notices, Consumer<Outcome> then) {
    this.sql = sql;
    this.name = name;
    this.ending = ending;
    this.notices = notices;
    this.then = then;
  }

  void row(List<@Nullable String> values) {
    if (row.isEmpty()) {
      row = values;
    }
  }

  void completed(String tag) {
    outcome = new Outcome.Done(tag, row);
    if (ending != Ending.SYNC) {
      tell();
    }
  }

  /** With a Sync of its own the server's state is known only behind it. */
  void failed(byte[] error) {
    if (outcome == null) {
      outcome = new Outcome.Failed(error);
    }
    if (ending != Ending.SYNC) {
      tell();
    }
  }

  void skipped() {
    if (outcome == null) {
      outcome = new Outcome.Skipped();
    }
    if (ending != Ending.SYNC) {
      tell();
    }
  }

  /** The last answer has come. */
  void ended() {
    tell();
  }

  private void tell() {
    if (!told && outcome != null) {
      told = true;
      then.accept(outcome);
    }
  }
}
