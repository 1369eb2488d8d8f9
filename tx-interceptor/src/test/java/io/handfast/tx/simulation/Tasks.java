package io.handfast.tx.simulation;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** What can happen next, in the order in which it became possible. Confined to the world. */
final class Tasks implements Iterable<Tasks.Task> {
  /**
   * What can happen. {@code owner} is the host with which it goes away, {@code at} the one that has
   * to run for it; -1 for what is outside of sidecars.
   */
  record Task(int owner, int at, boolean timer, String label, Runnable action) {}

  private final List<Task> all = new ArrayList<>();

  void add(Task task) {
    all.add(task);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  @Override
  public Iterator<Task> iterator() {
    return all.iterator();
  }

  /** The nth of those, counted from 0. */
  Task get(int nth, Predicate<Task> which) {
    int left = nth;
    for (Task task : all) {
      if (which.test(task) && left-- == 0) {
        return task;
      }
    }
    throw new AssertionError("task " + nth + " (expected: one of those that were counted)");
  }

  /** It has happened. */
  @SuppressWarnings("ReferenceEquality") // an equal one may be there, too
  void remove(Task done) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) == done) {
        all.remove(i);
        return;
      }
    }
  }

  void cancel(Predicate<Task> which) {
    all.removeIf(which);
  }

  List<String> labels() {
    return all.stream().map(Task::label).distinct().toList();
  }
}
