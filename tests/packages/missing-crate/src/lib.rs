pub use left_pad_of_the_moon::pad;
