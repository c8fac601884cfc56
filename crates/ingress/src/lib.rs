//! What every channel shares on its way in and out.
