package io.handfast.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.listener.Inspector.Verdict;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The first bytes of a connection, from anybody: {@code http_inspector} finds the same however they
 * are cut.
 */
final class HttpInspectorFuzzTest {
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  private static final Stats STATS = new Stats(); // to make one costs more than a case

  @FuzzTest(maxDuration = "10m")
  void shouldFindTheSameHoweverItIsCut(byte[] bytes) {
    if (bytes.length == 0) {
      return; // an inspector is asked when there is something
    }
    String whole = verdict(bytes, bytes.length);
    assertThat(verdict(bytes, 1)).isEqualTo(whole);
    assertThat(verdict(bytes, 7)).isEqualTo(whole);
  }

  private static String verdict(byte[] bytes, int step) {
    Findings findings = new Findings(ADDRESS, ADDRESS, 0, 0);
    Inspector inspector = new HttpInspector(findings, STATS.inspectors());
    ByteBuf begin = Unpooled.buffer();
    Verdict verdict = Verdict.MORE;
    for (int from = 0; from < bytes.length && verdict == Verdict.MORE; from += step) {
      begin.writeBytes(bytes, from, Math.min(step, bytes.length - from));
      verdict = inspector.inspect(begin);
      assertThat(begin.readerIndex()).isZero();
    }
    return verdict + " " + findings.facts();
  }
}
