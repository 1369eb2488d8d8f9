package io.handfast.proxy.http.h2.frame;

/** Types, flags, settings and sizes of frames (RFC 9113 sections 4 and 6). */
public final class Frames {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PUSH_PROMISE = 5;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 0x1;
  public static final int ACK = 0x1;
  public static final int END_HEADERS = 0x4;
  public static final int PADDED = 0x8;
  public static final int PRIORITIZED = 0x20;

  public static final int HEADER_TABLE_SIZE = 1;
  public static final int ENABLE_PUSH = 2;
  public static final int MAX_CONCURRENT_STREAMS = 3;
  public static final int INITIAL_WINDOW_SIZE = 4;
  public static final int MAX_FRAME_SIZE = 5;
  public static final int MAX_HEADER_LIST_SIZE = 6;

  /** RFC 8441 section 3. */
  public static final int ENABLE_CONNECT_PROTOCOL = 8;

  /** Of a frame's own head. */
  public static final int HEAD_BYTES = 9;

  /** The largest frame that we take, and the least that a peer must take. */
  public static final int DEFAULT_MAX_FRAME_BYTES = 16_384;

  public static final int LARGEST_MAX_FRAME_BYTES = (1 << 24) - 1;

  /** Of a stream and of the connection before anything else is said. */
  public static final int DEFAULT_WINDOW_BYTES = 65_535;

  public static final int MAX_WINDOW_BYTES = Integer.MAX_VALUE;
  public static final int DEFAULT_TABLE_BYTES = 4096;

  private Frames() {}
}
