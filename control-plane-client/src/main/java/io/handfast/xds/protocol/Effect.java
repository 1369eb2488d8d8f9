package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.Set;

/** What is to be done after an event, in the order of the list. */
public sealed interface Effect {

  /** Send a request of the stream's kind. */
  record Send(Message request) implements Effect {}

  /** The next response may be read. */
  record ReadNext() implements Effect {}

  /** Check and keep this; {@link Event.Applied} is awaited. */
  record Deliver(Update update) implements Effect {}

  /** Fire this timer after that time; one that runs under the same key is replaced. */
  record StartTimer(TimerKey timer, Duration delay) implements Effect {}

  /** Forget this timer. */
  record CancelTimer(TimerKey timer) implements Effect {}

  /** Those resources are not there, or no longer; nobody waits for an answer. */
  record Lost(ResourceType<?> type, Set<String> names, Reason reason) implements Effect {

    public Lost {
      names = Set.copyOf(names);
    }
  }

  /**
   * Something is wrong with the way of those resources.
   *
   * @param uncached those of which nothing is held: an error to who wants them
   * @param cached those of which a good version is held: it serves on, the error is ambient
   * @param kind what it is an error of
   */
  record Failed(
      ResourceType<?> type, Set<String> uncached, Set<String> cached, String error, Kind kind)
      implements Effect {

    /** What an error is of. */
    public enum Kind {
      /** The stream, and so everything that comes by it. */
      STREAM,
      /** Those resources alone: their names cannot be asked for, or the server says so. */
      RESOURCE
    }

    public Failed {
      uncached = Set.copyOf(uncached);
      cached = Set.copyOf(cached);
    }
  }

  /** A response was passed over, unanswered: of a type that was never asked for. */
  record Ignored(String typeUrl) implements Effect {}

  /** Why a resource is lost. */
  enum Reason {
    /** It did not come within {@code initial_fetch_timeout}; it may come yet. */
    TIMEOUT,
    /** The server itself reports an error of it, and nothing is held. */
    REPORTED,
    /** Its TTL has passed without a heartbeat. */
    EXPIRED
  }
}
