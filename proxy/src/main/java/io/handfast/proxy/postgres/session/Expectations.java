package io.handfast.proxy.postgres.session;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the server owes, first come first. As long as the client's pipeline, of which each entry
 * costs the client a message of at least five bytes that the server has read or TCP holds.
 */
final class Expectations {
  private final Deque<Expectation> queue = new ArrayDeque<>();
  private int ready;

  void add(Expectation expectation) {
    queue.add(expectation);
    if (expectation.kind().ready()) {
      ready++;
    }
  }

  @Nullable Expectation head() {
    return queue.peek();
  }

  void pop() {
    if (queue.remove().kind().ready()) {
      ready--;
    }
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** ReadyForQuery messages that are to come. */
  int ready() {
    return ready;
  }

  /** Whether the last thing sent makes the server answer all before it. */
  boolean flushed() {
    Expectation last = queue.peekLast();
    return last == null || last.kind().ready();
  }

  /**
   * An error of the extended protocol: the server skips to Sync, and so do the answers.
   *
   * @return whose Sync ends it; null if it was not sent yet
   */
  @Nullable Expectation skip() {
    List<Expectation> skipped = new ArrayList<>();
    while (!queue.isEmpty() && queue.element().kind().skippable()) {
      skipped.add(queue.element());
      pop();
    }
    for (Expectation one : skipped.reversed()) {
      if (one.undo() != null) {
        one.undo().run();
      }
      if (one.bytes() != null) {
        one.bytes().release();
      }
    }
    for (Expectation one : skipped) {
      if (one.step() != null && one.kind() == Expectation.Kind.EXECUTE) {
        one.step().skipped();
      }
    }
    return queue.peek();
  }

  /**
   * The server reads data of COPY: Syncs that were sent before the data's end are not answered
   * ("Ignore Flush/Sync", {@code copyfromparse.c}).
   */
  void copyIn() {
    Iterator<Expectation> rest = queue.iterator();
    while (rest.hasNext()) {
      Expectation.Kind kind = rest.next().kind();
      if (kind == Expectation.Kind.COPY_END) {
        return;
      }
      if (kind == Expectation.Kind.SYNC) {
        rest.remove();
        ready--;
      }
    }
  }

  /** What has to be told now, for nothing before it is owed. */
  @Nullable ByteBuf told() {
    Expectation head = queue.peek();
    while (head != null && head.kind() == Expectation.Kind.COPY_END) {
      queue.remove();
      head = queue.peek();
    }
    if (head == null || head.bytes() == null) {
      return null;
    }
    queue.remove();
    return head.bytes();
  }

  /** The connection has ended. */
  void clear() {
    for (Expectation one : queue) {
      if (one.bytes() != null) {
        one.bytes().release();
      }
    }
    queue.clear();
    ready = 0;
  }
}
