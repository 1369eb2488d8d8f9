package io.handfast.proxy.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Locale;

/**
 * What a client asks of the front service: to reserve something under a key here, and under the
 * same key at the back.
 *
 * @param kind what is reserved at the back
 * @param front how the front service ends
 * @param back how the back service ends
 */
record Order(String key, Kind kind, Conduct front, Conduct back) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the back reserves. */
  enum Kind {
    /** Confirmed and cancelled by the caller's key: BEGUN is the branch record. */
    RESERVATIONS,
    /** Confirmed and cancelled by a number in the answer: a second record has to follow. */
    TICKETS,
    /** As reservations, and the service works while BEGUN is being forced. */
    SEATS;

    String path() {
      return "/" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** How a service ends. */
  enum Conduct {
    /** 200. */
    OBEY,
    /** 500, after having reserved. */
    FAIL
  }

  static Order of(String key, Kind kind) {
    return new Order(key, kind, Conduct.OBEY, Conduct.OBEY);
  }

  Order withFront(Conduct conduct) {
    return new Order(key, kind, conduct, back);
  }

  Order withBack(Conduct conduct) {
    return new Order(key, kind, front, conduct);
  }

  String toJson() {
    return JSON.createObjectNode()
        .put("key", key)
        .put("kind", kind.name())
        .put("front", front.name())
        .put("back", back.name())
        .toString();
  }

  static Order read(byte[] json) throws IOException {
    JsonNode tree = JSON.readTree(json);
    return new Order(
        tree.path("key").asText(),
        Kind.valueOf(tree.path("kind").asText()),
        Conduct.valueOf(tree.path("front").asText()),
        Conduct.valueOf(tree.path("back").asText()));
  }
}
