package io.handfast.proxy.http.h2.frame;

/** Takes what a {@link FrameReader} has read; form and sizes are checked, state is not. */
public interface FrameSink {
  /**
   * Data.
   *
   * @param payload lent for the call
   * @param flowBytes what counts against the windows: the payload and its padding
   */
  void onDataFrame(int streamId, Payload payload, int flowBytes, boolean endStream)
      throws H2Exception;

  /**
   * A whole field section.
   *
   * @param block lent for the call
   * @param selfDependent the stream's priority depends on itself
   */
  void onHeadersFrame(int streamId, Payload block, boolean endStream, boolean selfDependent)
      throws H2Exception;

  void onPriorityFrame(int streamId, boolean selfDependent) throws H2Exception;

  void onResetFrame(int streamId, long code) throws H2Exception;

  /** Settings: identifier and value, again and again. */
  void onSettingsFrame(Payload settings) throws H2Exception;

  void onSettingsAck() throws H2Exception;

  void onPingFrame(long data, boolean ack) throws H2Exception;

  void onGoAwayFrame(int lastStreamId, long code) throws H2Exception;

  void onWindowUpdateFrame(int streamId, int increment) throws H2Exception;

  /** A frame of a type that is not known, to be ignored. */
  void onUnknownFrame() throws H2Exception;

  /** A frame that could carry something of a message carries nothing; or one carries something. */
  void onPayload(boolean empty) throws H2Exception;
}
