package io.handfast.xds.cache;

import com.google.protobuf.CodedOutputStream;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Whose configuration it is. What was sent to another node, or by way of other {@code
 * dynamic_resources}, is not used; a control plane that has moved to another address is the same.
 *
 * @param node {@code node.id}
 * @param cluster {@code node.cluster}
 * @param sources a digest of {@code dynamic_resources}
 */
public record CacheOwner(String node, String cluster, String sources) {

  /** The owner that a bootstrap names. */
  public static CacheOwner of(Bootstrap process) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      process.getDynamicResources().writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new CacheOwner(
        process.getNode().getId(),
        process.getNode().getCluster(),
        HexFormat.of().formatHex(CacheFile.sha256(bytes.toByteArray())));
  }

  /** Why something that another owner wrote is not used; empty if it is the same. */
  Optional<String> problem(CacheOwner writer) {
    if (!writer.node.equals(node)) {
      return Optional.of("written for node.id '" + writer.node + "' (expected: '" + node + "')");
    }
    if (!writer.cluster.equals(cluster)) {
      return Optional.of(
          "written for node.cluster '" + writer.cluster + "' (expected: '" + cluster + "')");
    }
    return writer.sources.equals(sources)
        ? Optional.empty()
        : Optional.of("written with other dynamic_resources than the bootstrap has now");
  }
}
