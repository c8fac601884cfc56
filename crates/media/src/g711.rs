//! G.711 by table (ITU-T G.711; the segment arithmetic follows the well-known Sun reference).
//!
//! All tables are computed at compile time: decoding, encoding and changing law are one look-up a sample.

/// Which of the two laws a stream uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// μ-law, PCMU, payload type 0: North America and Japan.
    Mu,
    /// A-law, PCMA, payload type 8: the rest of the world.
    A,
}

impl Law {
    /// The static RTP payload type of RFC 3551.
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Law::Mu => crate::rtp::PT_PCMU,
            Law::A => crate::rtp::PT_PCMA,
        }
    }

    /// The encoding name in SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Law::Mu => "PCMU",
            Law::A => "PCMA",
        }
    }

    /// The byte that decodes to (nearly) zero.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Law::Mu => 0xff,
            Law::A => 0xd5,
        }
    }

    /// One byte to one linear 16-bit sample.
    #[must_use]
    pub fn decode(self, byte: u8) -> i16 {
        match self {
            Law::Mu => MU_TO_LINEAR[usize::from(byte)],
            Law::A => A_TO_LINEAR[usize::from(byte)],
        }
    }

    /// One linear 16-bit sample to one byte.
    #[must_use]
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Law::Mu => LINEAR_TO_MU[usize::from(sample as u16 >> 2)],
            Law::A => LINEAR_TO_A[usize::from(sample as u16 >> 3)],
        }
    }

    /// Decodes as many samples as both slices hold; returns how many.
    pub fn decode_into(self, bytes: &[u8], samples: &mut [i16]) -> usize {
        for (sample, byte) in samples.iter_mut().zip(bytes) {
            *sample = self.decode(*byte);
        }
        bytes.len().min(samples.len())
    }

    /// Encodes as many samples as both slices hold; returns how many.
    pub fn encode_into(self, samples: &[i16], bytes: &mut [u8]) -> usize {
        for (byte, sample) in bytes.iter_mut().zip(samples) {
            *byte = self.encode(*sample);
        }
        bytes.len().min(samples.len())
    }
}

/// Rewrites bytes of one law as the other, in place, without going through linear samples.
pub fn transcode(from: Law, to: Law, bytes: &mut [u8]) {
    let table = match (from, to) {
        (Law::Mu, Law::A) => &MU_TO_A,
        (Law::A, Law::Mu) => &A_TO_MU,
        _ => return,
    };
    for byte in bytes {
        *byte = table[usize::from(*byte)];
    }
}

const BIAS: i32 = 0x84;
const CLIP: i32 = 32_635;

const fn mu_decode(byte: u8) -> i16 {
    let byte = !byte as i32;
    let magnitude = (((byte & 0x0f) << 3) + BIAS) << ((byte & 0x70) >> 4);
    if byte & 0x80 != 0 { (BIAS - magnitude) as i16 } else { (magnitude - BIAS) as i16 }
}

const fn mu_encode(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0x80, -(sample as i32)) } else { (0, sample as i32) };
    let biased = if magnitude > CLIP { CLIP } else { magnitude } + BIAS;
    let mut segment = 7;
    while segment > 0 && biased & (0x80 << segment) == 0 {
        segment -= 1;
    }
    let mantissa = (biased >> (segment + 3)) & 0x0f;
    !((sign | (segment << 4) | mantissa) as u8)
}

const fn a_decode(byte: u8) -> i16 {
    let byte = (byte ^ 0x55) as i32;
    let segment = (byte & 0x70) >> 4;
    let mut magnitude = (byte & 0x0f) << 4;
    magnitude += if segment == 0 { 8 } else { 0x108 };
    if segment > 1 {
        magnitude <<= segment - 1;
    }
    if byte & 0x80 != 0 { magnitude as i16 } else { -magnitude as i16 }
}

const fn a_encode(sample: i16) -> u8 {
    let shifted = (sample as i32) >> 3;
    let (mask, magnitude) = if shifted >= 0 { (0xd5, shifted) } else { (0x55, -shifted - 1) };
    let mut segment = 0;
    while segment < 8 && magnitude > (0x20 << segment) - 1 {
        segment += 1;
    }
    if segment >= 8 {
        return (0x7f ^ mask) as u8;
    }
    let mantissa = if segment < 2 { (magnitude >> 1) & 0x0f } else { (magnitude >> segment) & 0x0f };
    (((segment << 4) | mantissa) ^ mask) as u8
}

static MU_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = mu_decode(byte as u8);
        byte += 1;
    }
    table
};

static A_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = a_decode(byte as u8);
        byte += 1;
    }
    table
};

/// Indexed by the upper 14 bits of the sample: the lower two never change the result by more than rounding.
static LINEAR_TO_MU: [u8; 16_384] = {
    let mut table = [0; 16_384];
    let mut index = 0;
    while index < 16_384 {
        table[index] = mu_encode(((index << 2) | 2) as u16 as i16);
        index += 1;
    }
    table
};

/// Indexed by the upper 13 bits of the sample, all that A-law looks at.
static LINEAR_TO_A: [u8; 8_192] = {
    let mut table = [0; 8_192];
    let mut index = 0;
    while index < 8_192 {
        table[index] = a_encode((index << 3) as u16 as i16);
        index += 1;
    }
    table
};

static MU_TO_A: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = a_encode(mu_decode(byte as u8));
        byte += 1;
    }
    table
};

static A_TO_MU: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = mu_encode(a_decode(byte as u8));
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_of_the_standard_hold() {
        assert_eq!(Law::Mu.decode(0xff), 0);
        assert_eq!(Law::Mu.decode(0x80), 32_124);
        assert_eq!(Law::Mu.decode(0x00), -32_124);
        assert_eq!(Law::A.decode(0xd5), 8);
        assert_eq!(Law::A.decode(0xaa), 32_256);
        assert_eq!(Law::A.decode(0x2a), -32_256);
        assert_eq!(Law::Mu.encode(0), 0xff);
        assert_eq!(Law::A.encode(0), 0xd5);
    }

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for byte in 0..=255u8 {
            assert_eq!(Law::A.encode(Law::A.decode(byte)), byte, "A-law {byte:#x}");
            // 0x7f is the negative zero of μ-law; it comes back as the positive one.
            if byte != 0x7f {
                assert_eq!(Law::Mu.encode(Law::Mu.decode(byte)), byte, "μ-law {byte:#x}");
            }
        }
    }

    #[test]
    fn quantisation_noise_stays_under_four_percent_of_a_loud_sample() {
        for law in [Law::Mu, Law::A] {
            for sample in (-32_000..32_000).step_by(37) {
                let back = i32::from(law.decode(law.encode(sample as i16)));
                assert!((back - sample).abs() <= 16 + sample.abs() / 25, "{law:?} {sample} became {back}");
            }
        }
    }

    #[test]
    fn changing_law_keeps_the_wave() {
        let wave: Vec<i16> = (0..160).map(|n| ((f64::from(n) * 0.3).sin() * 12_000.0) as i16).collect();
        let mut bytes = [0u8; 160];
        Law::Mu.encode_into(&wave, &mut bytes);

        transcode(Law::Mu, Law::A, &mut bytes);

        for (byte, sample) in bytes.iter().zip(&wave) {
            let back = i32::from(Law::A.decode(*byte));
            assert!((back - i32::from(*sample)).abs() < 900, "{sample} became {back}");
        }
    }
}
