package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What a stream's machine is told. */
public sealed interface Event {

  /** A new stream is there and its transport is ready. */
  record Opened() implements Event {}

  /**
   * The stream is over.
   *
   * @param error why, for people
   */
  record Closed(String error) implements Event {}

  /**
   * The names of that type that are wanted from now on: all of them, not a change.
   *
   * @param names may hold {@link StreamMachine#WILDCARD} and {@code xdstp://} collections
   * @param fetchTimeout how long a name is waited for before it counts as absent; zero is for ever
   */
  record Subscribed(ResourceType<?> type, Set<String> names, Duration fetchTimeout)
      implements Event {

    public Subscribed {
      names = Set.copyOf(names);
      if (fetchTimeout.isNegative()) {
        throw new IllegalArgumentException(
            "initial_fetch_timeout: " + fetchTimeout + " (expected: >= 0)");
      }
    }
  }

  /** A response of the stream's kind has come. */
  record Received(Message response) implements Event {}

  /**
   * A delivered update was checked, and what is good of it is kept.
   *
   * @param faults one for each resource that was not taken
   */
  record Applied(Update update, List<ResourceFault> faults) implements Event {

    public Applied {
      faults = List.copyOf(faults);
    }
  }

  /** A timer that was asked for is due. */
  record TimerFired(TimerKey timer) implements Event {}
}
