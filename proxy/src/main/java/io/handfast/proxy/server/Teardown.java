package io.handfast.proxy.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be closed, in the opposite order of its making. Confined to the thread that starts
 * and stops the sidecar.
 */
final class Teardown {

  private static final Logger LOG = LoggerFactory.getLogger(Teardown.class);

  private record Step(String what, Runnable close) {}

  private final Deque<Step> steps = new ArrayDeque<>();

  /** Closes this before everything that was added so far. */
  void add(String what, Runnable close) {
    steps.push(new Step(what, close));
  }

  /** Closes everything, once; what fails is logged and does not keep the rest open. */
  void run() {
    for (Step step = steps.poll(); step != null; step = steps.poll()) {
      try {
        step.close().run();
      } catch (RuntimeException e) {
        LOG.error("could not be closed: what={}", step.what(), e);
      }
    }
  }
}
