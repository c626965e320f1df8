//! The words every floor shares: codes and reasons, instants and windows, strict encodings, text made safe to show.
