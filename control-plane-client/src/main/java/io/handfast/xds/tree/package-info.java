/**
 * The resources of a control plane as a tree: listeners name routes, secrets and extension configs,
 * clusters name endpoints and secrets. What is named is asked for; what nobody names any more is
 * forgotten; and a new version takes the place of the old one when everything that it names is
 * there.
 *
 * <p>{@link io.handfast.xds.tree.ResourceTree} stands between the streams ({@link
 * io.handfast.xds.stream}) and the door of the configuration ({@link io.handfast.xds.store}).
 */
@NullMarked
package io.handfast.xds.tree;

import org.jspecify.annotations.NullMarked;
