@NullMarked
package io.handfast.k8s;

import org.jspecify.annotations.NullMarked;
