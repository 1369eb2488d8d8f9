package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet.Member;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * The endpoint with the fewest requests in flight of a few that are drawn, by default two: almost
 * as good as knowing the best of all, and without everybody running to it.
 *
 * @param choices how many are drawn; the same may be drawn again
 * @param draw an evenly drawn number from 0 up to its argument
 * @see <a href="https://www.eecs.harvard.edu/~michaelm/postscripts/handbook2001.pdf">The power of
 *     two random choices</a>
 */
record LeastRequest(List<Member> members, int choices, LongUnaryOperator draw)
    implements HostPicker {

  @Override
  public Host pick() {
    Member best = drawn();
    long fewest = active(best);
    for (int i = 1; i < choices; i++) {
      Member other = drawn();
      long active = active(other);
      if (active < fewest) {
        best = other;
        fewest = active;
      }
    }
    return best.host();
  }

  private Member drawn() {
    return members.get((int) draw.applyAsLong(members.size()));
  }

  private static long active(Member member) {
    return member.stats().activeRequests();
  }
}
