package io.handfast.xds.text;

import io.handfast.xds.resource.ConfigErrors;

/**
 * Where a value stands, and where to complain of it.
 *
 * @param secret whether what stands there is not to be told
 */
record Place(String path, ConfigErrors errors, boolean secret) {

  /** Notes that the tree does not fit. */
  void refuse(Tree tree, String expected) {
    String told =
        secret && tree instanceof Tree.Scalar scalar
            ? "a text of " + scalar.text().length() + " characters"
            : tree.describe();
    errors.add(path, told, expected);
  }
}
