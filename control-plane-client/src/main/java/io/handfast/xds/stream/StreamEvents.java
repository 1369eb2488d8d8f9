package io.handfast.xds.stream;

import io.handfast.xds.resource.ResourceType;

/** What is counted and logged of a client. Called on its executor; must not block. */
public interface StreamEvents {

  /** Hears nothing. */
  StreamEvents NONE =
      new StreamEvents() {
        @Override
        public void connected(String server, boolean now) {}

        @Override
        public void answered(String server, String typeUrl, boolean nack) {}

        @Override
        public void updated(String server, ResourceType<?> type, int valid, int invalid) {}
      };

  /** A stream to that server is there, or no longer. */
  void connected(String server, boolean now);

  /** An answer was sent. */
  void answered(String server, String typeUrl, boolean nack);

  /** A response was applied, with so many valid and invalid resources. */
  void updated(String server, ResourceType<?> type, int valid, int invalid);
}
