package io.handfast.proxy.http.forwarded;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The list in {@code x-forwarded-for}: each proxy adds at its right whom it serves. Pure. */
public final class ForwardedFor {

  private ForwardedFor() {}

  /**
   * The address at that place, counted from the right.
   *
   * @param skipped 0 for the last one
   * @return null if the list is shorter, or what stands there is no address
   */
  public static @Nullable InetAddress fromRight(String list, int skipped) {
    int end = list.length();
    int comma = list.lastIndexOf(',');
    for (int i = 0; i < skipped; i++) {
      if (comma < 0) {
        return null;
      }
      end = comma;
      comma = list.lastIndexOf(',', end - 1);
    }
    return NetUtil.createInetAddressFromIpAddressString(list.substring(comma + 1, end).strip());
  }
}
