package io.handfast.proxy.crash.participation;

import static io.handfast.proxy.crash.participation.Mode.CALLBACK;
import static io.handfast.proxy.crash.participation.Mode.DATABASE;
import static io.handfast.proxy.crash.participation.Mode.LOOK;
import static io.handfast.proxy.crash.participation.Mode.READ_ONLY;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who takes part, and how: a column of the {@link Matrix}. */
enum Column {
  /** COMMIT of the front's and of the back's block is their vote. */
  DATABASES(DATABASE, DATABASE),
  /** Try, confirm and cancel, of the front and of the back. */
  CALLBACKS(CALLBACK, CALLBACK),
  /** The back has nothing to undo: its route says so, then its database does. */
  READER(CALLBACK, READ_ONLY, LOOK),
  /** Of three branches two are databases, and the back is in both ways. */
  BOTH(DATABASE, CALLBACK, DATABASE);

  private final Mode front;
  private final String calls;

  Column(Mode front, Mode... calls) {
    this.front = front;
    this.calls = Stream.of(calls).map(Mode::name).collect(Collectors.joining(","));
  }

  /** How the front takes part. */
  Mode front() {
    return front;
  }

  /** How the back takes part in each call, in their order. */
  List<Mode> back() {
    return Arrays.stream(calls.split(",", -1)).map(Mode::valueOf).toList();
  }

  /** The same, as {@link Ask#calls} reads it. */
  String calls() {
    return calls;
  }
}
