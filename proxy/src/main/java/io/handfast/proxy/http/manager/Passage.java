package io.handfast.proxy.http.manager;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a message at one filter: what is shown to the filter, what it holds, and what
 * goes on. Confined to the stream's event loop.
 *
 * <pre>
 *   in ──► (paused: unseen) ──► filter ──► (held) ──► out
 * </pre>
 */
abstract class Passage {
  /** In place of a body where nothing has waited yet: nothing is added to it. */
  private static final Body NOTHING = new Body();

  private final ByteBufAllocator allocator;
  private final int highWatermark;
  private Body held = NOTHING;
  private Body unseen = NOTHING;
  private FilterStatus mode = FilterStatus.CONTINUE;
  private long holdLimit;
  private boolean headHeld;
  private boolean headGone;
  private boolean endHeld;
  private boolean endUnseen;
  private @Nullable Headers trailersHeld;
  private @Nullable Headers trailersUnseen;
  private @Nullable Headers added;
  private boolean inCall;
  private boolean resumeAsked;
  private boolean pressing;
  private boolean dead;

  /**
   * @param highWatermark bytes that may wait here before the sender is not read any more
   */
  Passage(ByteBufAllocator allocator, int highWatermark) {
    this.allocator = allocator;
    this.highWatermark = highWatermark;
    this.holdLimit = highWatermark;
  }

  abstract FilterStatus showHead(boolean end);

  abstract FilterStatus showData(Body data, boolean end);

  abstract FilterStatus showTrailers(Headers trailers);

  abstract void passHead(boolean end);

  abstract void passData(Body data, boolean end);

  abstract void passTrailers(Headers trailers);

  abstract void onOverflow();

  /** So much waits here that the sender is not to be read, or that is over. */
  abstract void onPressure(boolean high);

  final void head(boolean end) {
    if (dead) {
      return;
    }
    inCall = true;
    FilterStatus status = verdict(showHead(end));
    if (dead) {
      return;
    }
    if (status == FilterStatus.CONTINUE) {
      goHead(end);
    } else {
      headHeld = true;
      endHeld = end;
      mode = status;
    }
  }

  final void data(Body data, boolean end) {
    if (dead) {
      data.clear();
      return;
    }
    if (mode == FilterStatus.PAUSE) {
      data.keepIn(unseen(), allocator);
      endUnseen |= end;
      updatePressure();
      return;
    }
    inCall = true;
    FilterStatus status = verdict(showData(data, end));
    if (dead) {
      data.clear();
      return;
    }
    if (status == FilterStatus.CONTINUE) {
      mode = status;
      if (headHeld || !held.isEmpty()) {
        data.moveTo(held());
        endHeld |= end;
        goHeld();
      } else {
        goData(data, end);
      }
    } else {
      data.keepIn(held(), allocator);
      endHeld |= end;
      mode = status;
      if (status == FilterStatus.HOLD && held.readableBytes() > holdLimit) {
        mode = FilterStatus.PAUSE;
        onOverflow();
      }
    }
    updatePressure();
  }

  final void trailers(Headers trailers) {
    if (dead) {
      return;
    }
    if (mode == FilterStatus.PAUSE) {
      trailersUnseen = trailers;
      return;
    }
    inCall = true;
    FilterStatus status = verdict(showTrailers(trailers));
    if (dead) {
      return;
    }
    trailersHeld = trailers;
    mode = status;
    if (status == FilterStatus.CONTINUE) {
      goHeld();
      updatePressure();
    }
  }

  /** Lets go on what waits here. */
  final void resume() {
    if (inCall) {
      resumeAsked = true;
    } else if (!dead && mode != FilterStatus.CONTINUE) {
      mode = FilterStatus.CONTINUE;
      goHeld();
      showUnseen();
      updatePressure();
    }
  }

  /** Nothing passes here any more; what waits is forgotten. */
  final void kill() {
    dead = true;
    held.clear();
    unseen.clear();
    if (pressing) {
      pressing = false;
      onPressure(false);
    }
  }

  /** Whether the head has gone on from here. */
  final boolean headGone() {
    return headGone;
  }

  @SuppressWarnings("ReferenceEquality")
  final Body held() {
    if (held == NOTHING) {
      held = new Body();
    }
    return held;
  }

  @SuppressWarnings("ReferenceEquality")
  private Body unseen() {
    if (unseen == NOTHING) {
      unseen = new Body();
    }
    return unseen;
  }

  final void limitHeld(long bytes) {
    holdLimit = bytes;
  }

  final Headers added() {
    if (added == null) {
      added = new Headers();
    }
    return added;
  }

  private FilterStatus verdict(FilterStatus status) {
    inCall = false;
    boolean resumed = resumeAsked;
    resumeAsked = false;
    return resumed ? FilterStatus.CONTINUE : status;
  }

  private void showUnseen() {
    while (!dead && mode != FilterStatus.PAUSE) {
      Headers last = trailersUnseen;
      if (!unseen.isEmpty() || endUnseen) {
        Body chunk = new Body();
        unseen.moveTo(chunk);
        boolean end = endUnseen;
        endUnseen = false;
        data(chunk, end);
      } else if (last != null) {
        trailersUnseen = null;
        trailers(last);
      } else {
        return;
      }
    }
  }

  private void goHeld() {
    if (headHeld) {
      headHeld = false;
      boolean headEnds = endHeld && held.isEmpty() && trailersHeld == null;
      if (headEnds) {
        endHeld = false;
      }
      goHead(headEnds);
    }
    Headers last = trailersHeld;
    if (last != null) {
      trailersHeld = null;
      if (!held.isEmpty() && !dead) {
        passData(held, false);
      }
      goTrailers(last);
    } else if (!held.isEmpty() || endHeld) {
      boolean end = endHeld;
      endHeld = false;
      goData(held(), end);
    }
  }

  private void goHead(boolean end) {
    headGone = true;
    boolean addsTrailers = end && addsTrailers();
    passHead(end && !addsTrailers);
    if (addsTrailers) {
      goTrailers(new Headers());
    }
  }

  private void goData(Body data, boolean end) {
    if (dead) {
      data.clear();
      return;
    }
    boolean addsTrailers = end && addsTrailers();
    passData(data, end && !addsTrailers);
    data.clear();
    if (addsTrailers) {
      goTrailers(new Headers());
    }
  }

  private void goTrailers(Headers trailers) {
    if (!dead) {
      if (added != null) {
        trailers.addAll(added);
      }
      passTrailers(trailers);
    }
  }

  private boolean addsTrailers() {
    return added != null && !added.isEmpty();
  }

  private void updatePressure() {
    long waiting = held.readableBytes() + unseen.readableBytes();
    boolean high =
        mode == FilterStatus.PAUSE
            && (pressing ? waiting > highWatermark / 2 : waiting >= highWatermark);
    if (high != pressing && !dead) {
      pressing = high;
      onPressure(high);
    }
  }
}
