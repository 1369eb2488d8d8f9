package io.handfast.proxy.http;

/** What a filter says to the part of the message that it was just shown. */
public enum FilterStatus {
  /** It goes on to the next filter, together with everything that was held here before it. */
  CONTINUE,

  /**
   * It stays here, and nothing further of this direction is shown to this filter until it resumes:
   * later bytes wait unseen up to the stream's watermark, beyond it the sender is not read any
   * more. For a filter that waits for an answer.
   */
  PAUSE,

  /**
   * It stays here, but what follows is shown to this filter as it arrives: for a filter that must
   * have more of the message, or all of it, before it decides. What is held is bounded by {@link
   * HttpFilterContext#limitHeldRequest} and {@link HttpFilterContext#limitHeldResponse}; it goes on
   * when a later part is answered {@link #CONTINUE} or the filter resumes.
   */
  HOLD
}
