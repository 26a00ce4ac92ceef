"""The simulated laboratory: scene, camera, samples, and the physical limit."""
